package com.example.shop;

import dev.holdfast.diagnostics.HoldfastMetrics;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.support.TaskExecutorAdapter;

/** Makes the scope of the service the executor of Spring and Tomcat. */
@Configuration(proxyBeanMethods = false)
class Executors {

  // @start region="service-executors"
  /** Requests. The order is last, or Boot would set an executor of its own. */
  @Bean
  @Order
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> requests(ServiceScope scope) {
    return factory ->
        factory.addProtocolHandlerCustomizers(protocol -> protocol.setExecutor(scope));
  }

  /** What Spring itself starts, such as methods with {@code @Async}. */
  @Bean
  AsyncTaskExecutor applicationTaskExecutor(ServiceScope scope) {
    return new TaskExecutorAdapter(scope);
  }

  // @end

  // @start region="service-metrics"
  @Bean
  HoldfastMetrics holdfastMetrics() {
    return new HoldfastMetrics();
  }

  // @end

  // @start region="service-mdc"
  /** Forks log with the MDC of the request. */
  @Bean
  Slf4jThreadLocalAccessor mdc() {
    var mdc = new Slf4jThreadLocalAccessor();
    ContextRegistry.getInstance().registerThreadLocalAccessor(mdc);
    return mdc;
  }

  // @end
}
