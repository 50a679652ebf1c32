"use strict";

// Draws the graph of the JSON in the element "flame-data" into the element "flame".
(() => {
  const at = document.getElementById("flame");
  const source = document.getElementById("flame-data");
  if (!at || !source) {
    return;
  }
  const diff = at.dataset.kind === "diff";
  const details = document.getElementById("flame-details");
  const search = document.getElementById("flame-search");
  const threads = (n) => n + (n === 1 ? " thread" : " threads");

  const label = (d) => {
    const { n, a, d: delta } = d.data;
    const change = delta === 0 ? "no change" : (delta > 0 ? "+" : "") + delta;
    return diff ? `${n}: ${threads(a)} (${change})` : `${n}: ${threads(a)}`;
  };

  const hash = (text) => {
    let h = 0;
    for (let i = 0; i < text.length; i++) {
      h = (h * 31 + text.charCodeAt(i)) | 0;
    }
    return Math.abs(h % 1000) / 1000;
  };

  // The application's own frames stand out.
  const color = (d) => {
    if (d.highlight) {
      return "#e879f9";
    }
    const { n, v, d: delta } = d.data;
    if (diff) {
      const rest = Math.round(225 * (1 - Math.min(1, Math.abs(delta) / Math.max(1, v))));
      if (delta === 0) {
        return "#ddd";
      }
      return delta > 0 ? `rgb(255,${rest},${rest})` : `rgb(${rest},${rest},255)`;
    }
    const shade = hash(n);
    if (/^(java|javax|jdk|sun|com\.sun)\./.test(n) || !d.parent) {
      return `hsl(210, 20%, ${76 + 8 * shade}%)`;
    }
    return n.startsWith("dev.holdfast.")
      ? `hsl(170, 35%, ${66 + 8 * shade}%)`
      : `hsl(${25 + 20 * shade}, 85%, ${62 + 8 * shade}%)`;
  };

  const chart = flame
    .flamegraph()
    .width(at.clientWidth)
    .cellHeight(20)
    .minFrameSize(1)
    .inverted(true)
    .transitionDuration(0)
    .resetHeightOnZoom(true)
    .setLabelHandler(label)
    .setColorMapper(color)
    .setDetailsElement(details)
    .setSearchMatch((d, term) => term !== "" && d.data.n.toLowerCase().includes(term.toLowerCase()));

  // Frames can be reached and zoomed with the keyboard.
  const reachable = () => {
    for (const frame of at.querySelectorAll("g.frame")) {
      frame.setAttribute("tabindex", "0");
      frame.setAttribute("role", "button");
      frame.setAttribute("aria-label", label(frame.__data__));
    }
  };
  const zoomed = (d) => {
    at.dataset.zoomed = d.parent ? "true" : "false";
    setTimeout(reachable);
  };
  chart.onClick(zoomed);
  const all = () => {
    chart.resetZoom();
    at.dataset.zoomed = "false";
  };
  at.addEventListener("keydown", (event) => {
    const frame = event.target.closest("g.frame");
    if (event.key === "Enter" && frame) {
      const d = frame.__data__;
      chart.zoomTo(d);
      event.preventDefault();
    } else if (event.key === "Escape") {
      all();
    }
  });
  at.addEventListener("focusin", (event) => {
    const frame = event.target.closest("g.frame");
    details.textContent = frame ? label(frame.__data__) : "";
  });
  document.getElementById("flame-all").addEventListener("click", all);
  search.addEventListener("input", () => (search.value ? chart.search(search.value) : chart.clear()));
  search.form.addEventListener("submit", (event) => event.preventDefault());

  flame.select(at).datum(JSON.parse(source.textContent)).call(chart);
  reachable();
  let width = at.clientWidth;
  window.addEventListener("resize", () => {
    if (at.clientWidth !== width) {
      width = at.clientWidth;
      chart.width(width).update();
      reachable();
    }
  });
  window.holdfastFlame = {
    update: (json) => {
      if (at.dataset.zoomed !== "true" && !search.value) {
        chart.update(json);
        reachable();
      }
    },
  };
})();
