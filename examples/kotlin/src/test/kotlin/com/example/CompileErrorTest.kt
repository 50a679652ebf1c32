package com.example

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import kotlin.io.path.writeText
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What the Kotlin compiler refuses, because the library states where null is allowed. */
class CompileErrorTest {

  @TempDir lateinit var folder: Path

  @Test
  fun correct_code_compiles() {
    assertEquals("", errors("val spec: ScopeSpec = Scopes.named(\"name\")"))
  }

  @Test
  fun a_null_name_is_an_error() {
    assertRefused("Scopes.named(null)")
    assertRefused("Guard.named(null)")
  }

  @Test
  fun a_null_spec_is_an_error() {
    assertRefused("Scopes.open(null)")
    assertRefused("Scopes.timeout(null)")
  }

  private fun assertRefused(expression: String) {
    val errors = errors("val refused = $expression")
    assertTrue("null cannot be a value of a non-null type" in errors) { "$expression: $errors" }
  }

  private fun errors(declaration: String): String {
    val source = folder.resolve("Source.kt")
    source.writeText("import dev.holdfast.*\n$declaration\n")
    val out = ByteArrayOutputStream()
    val status =
      K2JVMCompiler()
        .exec(
          PrintStream(out, true),
          "-no-reflect",
          "-no-stdlib",
          "-classpath",
          System.getProperty("java.class.path"),
          "-d",
          folder.resolve("classes").toString(),
          source.toString(),
        )
    val errors = out.toString().lines().filter { "error:" in it }.joinToString("\n")
    assertEquals(if (errors.isEmpty()) ExitCode.OK else ExitCode.COMPILATION_ERROR, status)
    return errors
  }
}
