package com.example.load;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The database, as the load sees it. */
final class Rows implements AutoCloseable {

  private final Connection connection;

  /**
   * Connects.
   *
   * @param url the database of the service
   */
  Rows(String url) throws SQLException {
    this.connection = DriverManager.getConnection(url + "&ApplicationName=load");
  }

  /** Locks a tenth of the items, as a careless report would. */
  void lock() throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("select 1 from items where id < 10 for update").close();
    }
  }

  void unlock() throws SQLException {
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /** {@return how many sessions of the service are not idle} */
  int active() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity"
                    + " where application_name = 'shop' and state <> 'idle'")) {
      row.next();
      return row.getInt(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
