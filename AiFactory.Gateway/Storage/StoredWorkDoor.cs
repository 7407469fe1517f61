using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Telemetry;
using AiFactory.ServiceDefaults.Loops;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.ServiceDefaults.Streaming;
using Npgsql;

namespace AiFactory.Gateway.Storage;

/// <summary>In front of every route of files, batches and jobs: who calls, for which project, and whether what they are kept in is there.</summary>
internal sealed partial class StoredWorkDoor(ModelCallers callers, GatewayTelemetry telemetry, IConfiguration configuration, IServiceProvider services, ILogger<StoredWorkDoor> logger)
{
    /// <summary>More than the library lets a name have, and less than an index takes.</summary>
    private const int LongestProject = 200;

    private readonly OpenAIError? _missing = StoredWork.Missing(configuration);

    /// <param name="handle">Answers whatever is wrong with the request with an error.</param>
    /// <param name="write">Writes an error in the words of the route's protocol.</param>
    public RequestDelegate Open(Func<HttpContext, WorkCaller, Task<OpenAIError?>> handle, Func<HttpContext, OpenAIError, Task> write) =>
        async context =>
        {
            var error = await HandleAsync(context, handle);
            if (error is null || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            telemetry.Rejected(error.Reason);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await write(context, error);
            await UnreadBody.DrainAsync(context);
        };

    private async Task<OpenAIError?> HandleAsync(HttpContext context, Func<HttpContext, WorkCaller, Task<OpenAIError?>> handle)
    {
        // 1. Who calls, and for which project.
        var refused = callers.Find(context, out var caller, out _);
        if (refused is not null || caller is null)
        {
            return refused ?? OpenAIError.MissingKey;
        }

        if (ModelCallers.ProjectOf(context.Request, caller) is not { } project)
        {
            return OpenAIError.Of(StatusCodes.Status400BadRequest, $"Name the project in the {ModelCallers.ProjectHeader} header.", "invalid_request_error", ModelCallers.ProjectHeader, "missing_project");
        }

        if (project.Length > LongestProject)
        {
            return OpenAIError.Of(StatusCodes.Status404NotFound, "There is no such project: its name is longer than any project's.", "invalid_request_error", ModelCallers.ProjectHeader, "project_not_found");
        }

        // 2. Whether it can be kept.
        if (_missing is not null)
        {
            return _missing;
        }

        if (services.GetRequiredService<MigrationState>().Problem is { } problem)
        {
            return StoredWork.Unavailable($"The gateway's database is not there now. {problem}");
        }

        try
        {
            return await handle(context, new WorkCaller(caller, project));
        }
        catch (Exception error) when (IsAway(error) || context.RequestAborted.IsCancellationRequested)
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                LogAway(logger, error, context.TraceIdentifier);
            }

            return StoredWork.Unavailable("The gateway's database or object storage does not answer now. Try again shortly.");
        }
    }

    /// <summary>A statement that the server refuses is a bug.</summary>
    public static bool IsAway(Exception error) => error is PostgresException or not NpgsqlException ? Loop.IsAway(error) : true;

    [LoggerMessage(1701, LogLevel.Warning, "What files, batches and jobs are kept in does not answer. Request {RequestId}")]
    private static partial void LogAway(ILogger logger, Exception error, string requestId);
}
