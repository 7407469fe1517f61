namespace AiFactory.Testing.S3;

/// <summary>
/// A real S3 server for tests: Ceph's radosgw, which verifies signatures, when it is installed (Debian: radosgw, ceph-mon, ceph-osd), else moto
/// (<c>python3 -m moto.server</c>), which does not. <c>AIFACTORY_TEST_S3</c> = <c>radosgw</c> or <c>moto</c> insists on one.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string AccessKey = "testkey";
    public const string SecretKey = "testsecret";

    private readonly DirectoryInfo _folder;
    private readonly List<ServerProcess> _processes;

    private S3Server(Uri endpoint, bool verifiesSignatures, DirectoryInfo folder, List<ServerProcess> processes)
    {
        Endpoint = endpoint;
        VerifiesSignatures = verifiesSignatures;
        _folder = folder;
        _processes = processes;
    }

    public Uri Endpoint { get; }

    public bool VerifiesSignatures { get; }

    public static async Task<S3Server> StartAsync(CancellationToken cancellationToken)
    {
        var wanted = Environment.GetEnvironmentVariable("AIFACTORY_TEST_S3");
        var hasRados = ServerProcess.IsInstalled("radosgw") && ServerProcess.IsInstalled("ceph-mon") && ServerProcess.IsInstalled("ceph-osd");
        var folder = Directory.CreateTempSubdirectory("aifactory-s3-");
        var processes = new List<ServerProcess>();
        var started = false;
        try
        {
            var isRados = wanted != "moto" && (hasRados || wanted == "radosgw");
            var endpoint = isRados
                ? await Radosgw.StartAsync(folder.FullName, processes, cancellationToken)
                : await Moto.StartAsync(folder.FullName, processes, cancellationToken);
            started = true;
            return new S3Server(endpoint, isRados, folder, processes);
        }
        finally
        {
            if (!started)
            {
                await StopAsync(folder, processes);
            }
        }
    }

    /// <summary>What a service finds in <c>ConnectionStrings:objects</c>.</summary>
    public string ConnectionString(string bucket) =>
        $"Endpoint={Endpoint};Bucket={bucket};AccessKey={AccessKey};SecretKey={SecretKey};Region=us-east-1";

    public async ValueTask DisposeAsync() => await StopAsync(_folder, _processes);

    private static async Task StopAsync(DirectoryInfo folder, List<ServerProcess> processes)
    {
        for (var i = processes.Count - 1; i >= 0; i--)
        {
            await processes[i].DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}
