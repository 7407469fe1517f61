using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace AiFactory.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Collects when it is scraped. One scrape at a time: instruments' callbacks are not meant to run twice at once.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectMilliseconds = 5000;

    private readonly SemaphoreSlim _one = new(1, 1);
    private PrometheusDialect _dialect;
    private string _text = "";

    public PrometheusExporter() => Reader = new BaseExportingMetricReader(this);

    public BaseExportingMetricReader Reader { get; }

    /// <summary>Set by the reader.</summary>
    public Func<int, bool>? Collect { get; set; }

    public async Task<ReadOnlyMemory<byte>> CollectAsync(PrometheusDialect dialect, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _dialect = dialect;
            return Collect?.Invoke(CollectMilliseconds) is true
                ? Encoding.UTF8.GetBytes(_text)
                : throw new InvalidOperationException("The metrics could not be collected.");
        }
        finally
        {
            _one.Release();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        _text = PrometheusText.Write(batch, ParentProvider.GetResource(), _dialect);
        return ExportResult.Success;
    }

    protected override void Dispose(bool disposing)
    {
        _one.Dispose();
        base.Dispose(disposing);
    }
}
