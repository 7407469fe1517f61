using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Orchestration;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Postgres;

/// <summary>Says how a Postgres server resource runs as a process, before each of its starts.</summary>
internal sealed class PostgresLocalProcess(PostgresServerResource server)
{
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(5);

    private bool _startedBefore;

    public async Task<LocalProcess> PrepareAsync(LocalProcessContext context, CancellationToken cancellationToken)
    {
        var options = new EmbeddedPostgresOptions
        {
            Folder = await FolderAsync(context, cancellationToken),
            Port = context.TargetPort(PostgresServerResource.PrimaryEndpointName),
            UserName = await server.UserNameReference.GetValueAsync(cancellationToken) ?? "postgres",
            Password = await server.PasswordParameter.GetValueAsync(cancellationToken) ?? "",
        };
        var prepared = await PostgresServer.PrepareAsync(options, new PackageCache(), context.Logger, cancellationToken);
        return new LocalProcess
        {
            FileName = prepared.Program,
            Arguments = prepared.Arguments,
            WorkingDirectory = prepared.WorkingDirectory,
            // What would lead the server astray in the environment gives way to its arguments.
            Environment = PostgresServer.Environment.Where(variable => variable.Value is not null).ToDictionary(variable => variable.Key, variable => variable.Value ?? ""),
            StopSignal = StopSignal.Interrupt,
            StopGrace = ShutdownGrace,
        };
    }

    /// <summary>With a volume the resource's folder, or the volume's beside it. Without, one that each run empties when it begins.</summary>
    private async Task<string> FolderAsync(LocalProcessContext context, CancellationToken cancellationToken)
    {
        if (context.Resource.TryGetLastAnnotation<PostgresVolumeAnnotation>(out var volume))
        {
            return volume.Name is { } name
                ? Path.Combine(Path.GetDirectoryName(context.DataDirectory) ?? context.DataDirectory, "volumes", name)
                : context.DataDirectory;
        }

        var folder = Path.Combine(context.DataDirectory, "run");
        if (!_startedBefore && Directory.Exists(folder))
        {
            await PostmasterLock.ClearAsync(Path.Combine(folder, "data"), context.Logger, cancellationToken);
            Directory.Delete(folder, recursive: true);
        }

        _startedBefore = true;
        return folder;
    }
}
