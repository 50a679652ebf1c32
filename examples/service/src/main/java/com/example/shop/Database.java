package com.example.shop;

import dev.holdfast.Guard;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the connection pool of Spring Boot lacks. */
@Configuration(proxyBeanMethods = false)
class Database {

  /**
   * Requests wait here and not in the pool, where a deadline could not end their wait. Two of the
   * twenty connections are for the jobs.
   */
  // @start region="service-guard"
  static final Guard REQUESTS =
      Guard.named("database").maxConcurrent(18).waitingUpTo(Duration.ofMillis(500));

  // @end

  @Bean
  static BeanPostProcessor scoped() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource pool ? new ScopedDataSource(pool) : bean;
      }
    };
  }
}
