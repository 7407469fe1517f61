using System.Globalization;
using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Queueing;

/// <summary>Lets as many requests through to a deployment as its replicas take, and has the others wait in its <see cref="FairQueue"/>.</summary>
internal sealed class RequestQueue(CurrentRoutes routes, GatewayTelemetry telemetry, IOptions<QueueOptions> options, TimeProvider time)
{
    private readonly QueueOptions _options = options.Value;

    public bool IsOn => _options.RequestsPerReplica > 0;

    /// <returns>Whether it may go on, and has to <see cref="Leave"/> when it has ended; if not, what the client is told, unless it has left.</returns>
    public async ValueTask<(bool Admitted, OpenAIError? Refusal)> EnterAsync(Exchange exchange)
    {
        var began = time.GetTimestamp();
        var deployment = exchange.Deployment;
        var entry = deployment.Queue.EnterAsync(
            ModelCallers.ProjectOf(exchange.Context.Request, exchange.Caller) ?? exchange.Named.Project, Priority(exchange), Limit(deployment), _options.Length, Patience(exchange), time, exchange.Context.RequestAborted);
        var waits = !entry.IsCompleted;
        var ticket = await entry;
        if (waits)
        {
            exchange.Queued += time.GetElapsedTime(began);
            telemetry.Waited(time.GetElapsedTime(began));

            // The replicas that came while it waited are why its turn has come.
            exchange.Deployment = Newest(deployment);
        }

        return ticket switch
        {
            Ticket.Full => (false, OpenAIError.QueueFull(deployment.Name)),
            Ticket.TooLate => (false, OpenAIError.QueueDeadline(deployment.Name, time.GetElapsedTime(began))),
            Ticket.Left => (false, null),
            _ => (true, null),
        };
    }

    /// <param name="entered">The deployment as it was when the request entered: it may have other replicas now.</param>
    public void Leave(Deployment entered) => entered.Queue.Leave(Limit(Newest(entered)));

    /// <summary>The table in force may have more replicas than the one before.</summary>
    public void AdmitMore()
    {
        foreach (var deployment in routes.Table?.Deployments.Values ?? [])
        {
            deployment.Queue.Admit(Limit(deployment));
        }
    }

    private Deployment Newest(Deployment entered) => routes.Table?.Deployments.GetValueOrDefault(entered.Route.Id) ?? entered;

    /// <summary>One replica's part also while there is none: those wait for one to come, and the others behind them.</summary>
    private int Limit(Deployment deployment) => _options.RequestsPerReplica * Math.Max(1, deployment.Replicas.Length);

    private int Priority(Exchange exchange)
    {
        var asked = exchange.Context.Request.Headers[WireHeaders.Objective] is [{ Length: > 0 } objective] ? _options.Objectives.GetValueOrDefault(objective) : 0;
        return asked >= 0 || exchange.Caller.Identity.Has(Permissions.DeploymentsWrite) ? asked : 0;
    }

    /// <summary>A value that is no number above 0 is the worker's to refuse.</summary>
    private TimeSpan Patience(Exchange exchange) =>
        exchange.Context.Request.Headers[WireHeaders.FirstTokenMilliseconds] is [{ Length: > 0 } text]
        && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds > 0
        && milliseconds < _options.LongestWait.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : _options.LongestWait;
}
