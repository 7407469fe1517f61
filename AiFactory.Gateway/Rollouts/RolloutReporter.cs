using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Management;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Variants;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AiFactory.Gateway.Rollouts;

/// <summary>
/// Tells the library, in the gateway's own name, what the ledger says of the rollouts that the snapshot names. All gateways have one ledger, and say there what each knows alone
/// (<see cref="GatewayMarkStore"/>), so each tells all of it, and it does not matter which of them was heard last; what cannot be told now is told the next time. Also without a rollout each says
/// that it is there: one begins with the gateways that there are.
/// </summary>
internal sealed partial class RolloutReporter(
    CurrentRoutes routes,
    RolloutSampleStore samples,
    GatewayMarkStore marks,
    OpenRequests open,
    UsageOutbox outbox,
    VariantIndex index,
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

    /// <summary>What lies between two marks at most, where a database is slow.</summary>
    private readonly TimeSpan _lately = (3 * options.Value.ReportInterval) + Patience;

    private readonly TimeProvider _time = time;
    private readonly ILogger<RolloutReporter> _logger = logger;
    private readonly Guid _gateway = Guid.CreateVersion7();

    private static readonly RolloutSample Nothing = new(0, 0, null, null, null);

    /// <summary>The hour before each rollout, and until when that holds: once it is settled it does not change any more.</summary>
    private readonly Dictionary<Guid, (RolloutSample Sample, DateTimeOffset Until)> _before = [];

    /// <summary>The rollouts of which the library does not hear.</summary>
    private readonly HashSet<Guid> _unheard = [];
    private bool _isIndexed;

    public override async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var running = (routes.Table?.Deployments.Values ?? []).Where(deployment => deployment.Route.Rollout is not null).Select(deployment => deployment.Route).ToList();
        foreach (var over in _before.Keys.Except(running.Select(route => route.Rollout?.Id ?? Guid.Empty)).ToList())
        {
            _before.Remove(over);
        }

        _unheard.IntersectWith(running.Select(route => route.Rollout?.Id ?? Guid.Empty));
        await MarkAsync(running, cancellationToken);
        if (!_isIndexed && !(_isIndexed = await index.EnsureAsync(cancellationToken)))
        {
            return false;
        }

        foreach (var route in running)
        {
            if (route.Rollout is not { } rollout)
            {
                continue;
            }

            try
            {
                await TellAsync(rollout, await LookAsync(route.Name, rollout, cancellationToken), cancellationToken);
            }
            catch (NpgsqlException error) when (!cancellationToken.IsCancellationRequested)
            {
                // One whose numbers take too long takes nothing from the others.
                Heard(rollout, isHeard: false, error.Message);
            }
        }

        return false;
    }

    /// <summary>Says what this gateway alone knows: how far its outbox is delivered, and what hangs here.</summary>
    private async Task MarkAsync(List<DeploymentRoute> running, CancellationToken cancellationToken)
    {
        var hanging = new List<HangingRow>();
        foreach (var route in running)
        {
            if (route.Rollout is { } rollout)
            {
                var after = HangsAfter(rollout, await BeforeAsync(route.Name, rollout, cancellationToken));
                hanging.AddRange(((Guid[])[rollout.Candidate, rollout.Baseline]).Select(variant => new HangingRow { Step = rollout.Since, Variant = variant, Count = open.CountHanging(rollout.Since, variant, after) }));
            }
        }

        // Whatever passes between the two clocks' looks is taken for undelivered.
        var now = await marks.NowAsync(cancellationToken);
        await marks.MarkAsync(_gateway, now - _time.GetElapsedTime(outbox.DeliveredUntil), [.. hanging.Where(row => row.Count > 0)], cancellationToken);
    }

    private TimeSpan HangsAfter(RolloutRoute rollout, RolloutSample before)
    {
        var usual = TimeSpan.FromSeconds(Math.Min(before.P99 * rollout.MostRatio ?? 0, Before.TotalSeconds));
        return usual > options.Value.HangsAfter ? usual : options.Value.HangsAfter;
    }

    private async Task<RolloutObservation> LookAsync(string name, RolloutRoute rollout, CancellationToken cancellationToken)
    {
        // 1. How far the ledger is, before it is read: it has no less than that.
        var ledger = await marks.TimeAsync(cancellationToken);

        // 2. What it has, and what it cannot have yet.
        var before = await BeforeAsync(name, rollout, cancellationToken);
        var rows = await samples.InStepAsync(name, [rollout.Baseline, rollout.Candidate], rollout.Since, before, cancellationToken);
        var hanging = await marks.HangingAsync(rollout.Since, _lately, cancellationToken);

        // 3. When that was, after it was read: whatever is in it had ended by then.
        return new RolloutObservation(rollout.Step, rollout.Since, Of(rollout.Candidate), Of(rollout.Baseline), before) { At = await marks.NowAsync(cancellationToken), Delivered = ledger.Delivered };

        RolloutSample Of(Guid variant) => RolloutSampleRow.Of(rows, variant) with { Hanging = hanging.FirstOrDefault(row => row.Variant == variant)?.Count ?? 0 };
    }

    /// <summary>Looked at once, and once more when it has settled; what takes too long is done without, and tried again later.</summary>
    private async Task<RolloutSample> BeforeAsync(string name, RolloutRoute rollout, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (_before.TryGetValue(rollout.Id, out var known) && now < known.Until)
        {
            return known.Sample;
        }

        try
        {
            var rows = await samples.BetweenAsync(name, rollout.Baseline, rollout.Began - Before, rollout.Began, cancellationToken);
            known = (RolloutSampleRow.Of(rows, rollout.Baseline), now > rollout.Began + Settled ? DateTimeOffset.MaxValue : rollout.Began + Settled + Patience);
        }
        catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
        {
            known = (known.Sample ?? Nothing, now + Settled);
        }

        _before[rollout.Id] = known;
        return known.Sample;
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
            Heard(rollout, answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.Conflict, $"it answered {(int)answer.StatusCode}");
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Heard(rollout, isHeard: false, error.Message);
        }
    }

    /// <summary>Once for each silence.</summary>
    private void Heard(RolloutRoute rollout, bool isHeard, string reason)
    {
        if (isHeard)
        {
            _unheard.Remove(rollout.Id);
        }
        else if (_unheard.Add(rollout.Id))
        {
            LogUnheard(_logger, rollout.Id, reason);
        }
    }

    [LoggerMessage(1961, LogLevel.Warning, "The library was not told how the rollout {Rollout} does ({Reason}): it waits until it is")]
    private static partial void LogUnheard(ILogger logger, Guid rollout, string reason);
}
