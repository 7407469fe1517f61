using AiFactory.Hosting.Dashboard.Grpc;
using AiFactory.Hosting.Dashboard.Proto;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Dashboard;

/// <summary>What the dashboard asks of us: the resources as they change, their console logs, and to carry out commands.</summary>
internal sealed class DashboardService(
    string applicationName,
    ResourceMessage messages,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands)
{
    /// <summary>Characters of console lines in one message: the dashboard takes none of more than 16 MB, and a whole log may be as long.</summary>
    private const int MaxBatchLength = 1_000_000;

    public Task CallAsync(string method, GrpcCall call, CancellationToken cancellationToken) => method switch
    {
        "GetApplicationInformation" => GetApplicationInformationAsync(call, cancellationToken),
        "WatchResources" => WatchResourcesAsync(call, cancellationToken),
        "WatchResourceConsoleLogs" => WatchConsoleLogsAsync(call, cancellationToken),
        "ExecuteResourceCommand" => ExecuteCommandAsync(call, cancellationToken),
        "WatchInteractions" => WatchInteractionsAsync(call, cancellationToken),
        _ => throw new GrpcException(GrpcStatus.Unimplemented, $"There is no method {method}."),
    };

    private async Task GetApplicationInformationAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        await call.ReadAsync(ApplicationInformationRequest.Parser, cancellationToken);
        await call.BeginAsync(cancellationToken);
        await call.WriteAsync(new ApplicationInformationResponse { ApplicationName = applicationName }, cancellationToken);
    }

    /// <summary>First all that is known, in one message; then what changes, as much as has come together and only the newest of each.</summary>
    private async Task WatchResourcesAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        await call.ReadAsync(WatchResourcesRequest.Parser, cancellationToken);
        await call.BeginAsync(cancellationToken);
        await using var changes = notifications.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var next = changes.MoveNextAsync().AsTask();
        for (var initial = true; ; initial = false)
        {
            // Without any resource the first message must come all the same.
            if (!initial && !await next)
            {
                return;
            }

            var latest = new Dictionary<string, ResourceEvent>();
            while (next.IsCompletedSuccessfully && next.Result)
            {
                latest[changes.Current.ResourceId] = changes.Current;
                next = changes.MoveNextAsync().AsTask();
            }

            await call.WriteAsync(Update(latest.Values.Select(messages.From), initial), cancellationToken);
        }
    }

    private static WatchResourcesUpdate Update(IEnumerable<Proto.Resource> resources, bool initial)
    {
        if (initial)
        {
            return new WatchResourcesUpdate { InitialData = new InitialResourceData { Resources = { resources } } };
        }

        return new WatchResourcesUpdate
        {
            Changes = new WatchResourcesChanges { Value = { resources.Select(resource => new WatchResourcesChange { Upsert = resource }) } },
        };
    }

    private async Task WatchConsoleLogsAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        var request = await call.ReadAsync(WatchResourceConsoleLogsRequest.Parser, cancellationToken);
        await call.BeginAsync(cancellationToken);
        var batches = request.SuppressFollow ? loggers.GetAllAsync(request.ResourceName) : loggers.WatchAsync(request.ResourceName);
        await foreach (var lines in batches.WithCancellation(cancellationToken))
        {
            var update = new WatchResourceConsoleLogsUpdate();
            var length = 0;
            foreach (var line in lines)
            {
                update.LogLines.Add(new ConsoleLogLine { Text = line.Content, IsStdErr = line.IsErrorMessage, LineNumber = line.LineNumber });
                length += line.Content.Length;
                if (length > MaxBatchLength)
                {
                    await call.WriteAsync(update, cancellationToken);
                    update = new WatchResourceConsoleLogsUpdate();
                    length = 0;
                }
            }

            await call.WriteAsync(update, cancellationToken);
        }
    }

    private async Task ExecuteCommandAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        var request = await call.ReadAsync(ResourceCommandRequest.Parser, cancellationToken);
        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, cancellationToken);
        var response = new ResourceCommandResponse
        {
            Kind = result.Success ? ResourceCommandResponseKind.Succeeded
                : result.Canceled ? ResourceCommandResponseKind.Cancelled
                : ResourceCommandResponseKind.Failed,
        };
        if (result.Message is { } message)
        {
            response.Message = message;
            response.ErrorMessage = message;
        }

        await call.BeginAsync(cancellationToken);
        await call.WriteAsync(response, cancellationToken);
    }

    /// <summary>Nothing is ever asked of the user; but a dashboard that is refused this call gives up the others.</summary>
    private static async Task WatchInteractionsAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        await call.BeginAsync(cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
