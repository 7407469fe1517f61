using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Orchestration;

/// <summary>Whether this process leads, and by which token. Used by one loop alone.</summary>
internal sealed partial class Leadership(LeadershipStore store, IOptions<OrchestrationOptions> options, TimeProvider time, ILogger<Leadership> logger)
{
    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}";
    private readonly TimeSpan _lease = options.Value.Lease;
    private long? _token;
    private long _renewedAt;

    /// <summary>The token to write by; null while another leads.</summary>
    internal async Task<long?> EnsureAsync(CancellationToken cancellationToken)
    {
        if (_token is { } held)
        {
            if (time.GetElapsedTime(_renewedAt) < _lease / 3)
            {
                return held;
            }

            var renewedAt = time.GetTimestamp();
            if (await store.RenewAsync(held, _lease, cancellationToken))
            {
                _renewedAt = renewedAt;
                return held;
            }

            Lose();
        }

        var tookAt = time.GetTimestamp();
        if (await store.TakeAsync(_owner, _lease, cancellationToken) is not { } token)
        {
            return null;
        }

        (_token, _renewedAt) = (token, tookAt);
        LogLeads(logger, token);
        return token;
    }

    /// <summary>A write was refused: another leads.</summary>
    internal void Lose()
    {
        LogLost(logger, _token);
        _token = null;
    }

    internal async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_token is { } token)
        {
            _token = null;
            await store.ReleaseAsync(token, cancellationToken);
        }
    }

    [LoggerMessage(4301, LogLevel.Information, "This process leads the runs, with token {Token}")]
    private static partial void LogLeads(ILogger logger, long token);

    [LoggerMessage(4302, LogLevel.Information, "Another process leads the runs; token {Token} is void")]
    private static partial void LogLost(ILogger logger, long? token);
}
