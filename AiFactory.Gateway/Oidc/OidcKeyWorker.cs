using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Oidc;

/// <summary>Asks for the provider's keys at the start, until it answers, and then again and again.</summary>
internal sealed class OidcKeyWorker(OidcProvider provider, IOptions<OidcOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private TimeSpan _delay = FirstDelay;

    /// <returns>How long to wait before the next question.</returns>
    public async Task<TimeSpan> RunOnceAsync()
    {
        await provider.AskAsync();
        if (provider.Failure is null)
        {
            _delay = FirstDelay;
            return options.Value.RefreshInterval;
        }

        var delay = _delay;
        _delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        return delay < options.Value.RefreshInterval ? delay : options.Value.RefreshInterval;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(await RunOnceAsync(), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }
}
