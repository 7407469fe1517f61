using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Management;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Rollouts;

/// <summary>
/// Tells the library, in the gateway's own name, what the ledger says of the rollouts that the snapshot names. All gateways have one ledger, so each tells all of it, and it does not matter which
/// of them was heard last; what cannot be told now is told the next time.
/// </summary>
internal sealed partial class RolloutReporter(
    CurrentRoutes routes,
    RolloutSampleStore samples,
    IHttpClientFactory clients,
    MigrationState migrations,
    IOptions<RolloutReporterOptions> options,
    TimeProvider time,
    ILogger<RolloutReporter> logger) : Loop(migrations, new Signal(), options.Value.ReportInterval, time, logger)
{
    /// <summary>What the baseline is held to where it has too few requests in a step, as after a switch of all.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);

    /// <summary>By then most of the last requests of that hour have ended, and the ledger has them.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time;
    private readonly ILogger<RolloutReporter> _logger = logger;

    /// <summary>The hour before each rollout: it does not change any more.</summary>
    private readonly Dictionary<Guid, RolloutSample> _before = [];
    private bool _isHeard = true;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var running = (routes.Table?.Deployments.Values ?? []).Where(deployment => deployment.Route.Rollout is not null).Select(deployment => deployment.Route).ToList();
        foreach (var over in _before.Keys.Except(running.Select(route => route.Rollout?.Id ?? Guid.Empty)).ToList())
        {
            _before.Remove(over);
        }

        foreach (var route in running)
        {
            if (route.Rollout is { } rollout)
            {
                await TellAsync(rollout, await LookAsync(route.Name, rollout, cancellationToken), cancellationToken);
            }
        }

        return false;
    }

    private async Task<RolloutObservation> LookAsync(string name, RolloutRoute rollout, CancellationToken cancellationToken)
    {
        if (!_before.TryGetValue(rollout.Id, out var before))
        {
            before = RolloutSampleRow.Of(await samples.BetweenAsync(name, rollout.Baseline, rollout.Began - Before, rollout.Began, cancellationToken), rollout.Baseline);
            if (_time.GetUtcNow() > rollout.Began + Settled)
            {
                _before[rollout.Id] = before;
            }
        }

        var rows = await samples.SinceAsync(name, [rollout.Baseline, rollout.Candidate], rollout.Since, cancellationToken);
        return new RolloutObservation(rollout.Step, rollout.Since, RolloutSampleRow.Of(rows, rollout.Candidate), RolloutSampleRow.Of(rows, rollout.Baseline), before);
    }

    private async Task TellAsync(RolloutRoute rollout, RolloutObservation observation, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = clients.CreateClient(ServiceClients.Library);
            using var answer = await client.PostAsJsonAsync(new Uri($"internal/rollouts/{rollout.Id}/observations", UriKind.Relative), observation, JsonSerializerOptions.Web, limit.Token);
            // 409: the step is over, and the next snapshot says so.
            Heard(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.Conflict, $"it answered {(int)answer.StatusCode}");
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Heard(isHeard: false, error.Message);
        }
    }

    /// <summary>Once for each silence.</summary>
    private void Heard(bool isHeard, string reason)
    {
        if (!isHeard && _isHeard)
        {
            LogUnheard(_logger, reason);
        }

        _isHeard = isHeard;
    }

    [LoggerMessage(1961, LogLevel.Warning, "The library was not told how its rollouts do ({Reason}): they wait until it is")]
    private static partial void LogUnheard(ILogger logger, string reason);
}
