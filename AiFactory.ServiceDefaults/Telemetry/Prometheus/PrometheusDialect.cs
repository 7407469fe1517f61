namespace AiFactory.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Under whose names metrics are written.</summary>
internal enum PrometheusDialect
{
    /// <summary>Every metric, under names that <c>promtool check metrics</c> accepts.</summary>
    Own,

    /// <summary>What vLLM has too, under its names, so that dashboards, scalers and endpoint pickers made for it work.</summary>
    Vllm,
}
