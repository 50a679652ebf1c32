"use strict";

// Refreshes the page without closing what the reader has opened. Without this script, the browser
// loads the page again.
(() => {
  const seconds = Number(document.body.dataset.refresh || 0);
  if (!seconds) {
    return;
  }
  const open = (root) =>
    new Map([...root.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]));

  const replace = (section, fresh) => {
    const before = open(section);
    const focused = section.contains(document.activeElement)
      ? document.activeElement.closest("details[data-key]")?.dataset.key
      : undefined;
    for (const details of fresh.querySelectorAll("details[data-key]")) {
      if (before.has(details.dataset.key)) {
        details.open = before.get(details.dataset.key);
      }
    }
    section.replaceWith(document.importNode(fresh, true));
    if (focused !== undefined) {
      for (const details of document.querySelectorAll("details[data-key]")) {
        if (details.dataset.key === focused) {
          details.querySelector("summary").focus({ preventScroll: true });
        }
      }
    }
  };

  const refresh = async () => {
    if (document.hidden || !getSelection().isCollapsed) {
      return; // nobody looks, or somebody copies
    }
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      if (!response.ok) {
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const section of document.querySelectorAll("section[data-live]")) {
        const fresh = page.getElementById(section.id);
        if (fresh) {
          replace(section, fresh);
        }
      }
      const data = page.getElementById("flame-data");
      if (data && window.holdfastFlame) {
        window.holdfastFlame.update(JSON.parse(data.textContent));
      }
    } catch (absent) {
      document.title = "(not reachable) Holdfast: scopes and threads"; // it may have been restarted
    }
  };
  setInterval(refresh, seconds * 1000);
})();
