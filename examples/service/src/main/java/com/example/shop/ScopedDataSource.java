package com.example.shop;

import dev.holdfast.Scopes;
import dev.holdfast.Task;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A data source whose statements end with their scope: a cancellation calls {@link
 * Statement#cancel}, and no interrupt reaches the driver, on whose socket it would close the
 * connection.
 */
final class ScopedDataSource extends DelegatingDataSource {

  /** For a connection from the pool, a commit, a rollback, and a connection back to the pool. */
  private static final Duration SHIELD = Duration.ofSeconds(2);

  ScopedDataSource(DataSource pool) {
    super(pool);
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = shielded(super::getConnection);
    return proxy(
        Connection.class,
        (method, arguments) -> {
          Object result = shielded(() -> invoke(connection, method, arguments));
          return result instanceof Statement statement
              ? cancellable(statement, method.getReturnType())
              : result;
        });
  }

  private static Object cancellable(Statement statement, Class<?> type) {
    return proxy(
        type,
        (method, arguments) ->
            method.getName().startsWith("execute")
                ? blocking(statement, () -> invoke(statement, method, arguments))
                : shielded(() -> invoke(statement, method, arguments)));
  }

  private static Object blocking(Statement statement, Task<Object, SQLException> call)
      throws SQLException {
    try {
      // @start region="service-blocking"
      return Scopes.call(scope -> scope.blocking(statement::cancel, call));
      // @end
    } catch (InterruptedException e) {
      throw cancelled(e);
    }
  }

  private static <R> R shielded(Task<R, SQLException> call) throws SQLException {
    try {
      // @start region="service-shield"
      return Scopes.shield(SHIELD, call);
      // @end
    } catch (InterruptedException e) {
      throw cancelled(e);
    }
  }

  private static SQLException cancelled(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new SQLTimeoutException("the scope of the statement was cancelled", e);
  }

  private interface Call {
    Object invoke(Method method, Object[] arguments) throws SQLException;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            ScopedDataSource.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.invoke(method, arguments)));
  }

  private static Object invoke(Object target, Method method, Object[] arguments)
      throws SQLException {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SQLException failure) {
        throw failure;
      }
      throw new SQLException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new SQLException(e);
    }
  }
}
