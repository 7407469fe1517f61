using AiFactory.Testing.Edges;

namespace AiFactory.Testing.S3;

/// <summary>The smallest Ceph that serves S3: one monitor, one storage daemon that keeps everything in memory, one gateway. It starts in about 2 s and runs as root.</summary>
internal static class Radosgw
{
    public static async Task<Uri> StartAsync(string folder, List<ServerProcess> processes, CancellationToken cancellationToken)
    {
        // 1. The settings: no authentication inside (and so no encryption of it), one copy of everything, and no second that the monitor waits for more to decide at once.
        var cluster = Guid.CreateVersion7().ToString();
        var monitor = $"v1:127.0.0.1:{FreePort.Take()}";
        var port = FreePort.Take();
        var settings = Path.Combine(folder, "ceph.conf");
        foreach (var data in new[] { "mon", "osd", "rgw" })
        {
            Directory.CreateDirectory(Path.Combine(folder, data));
        }

        await File.WriteAllTextAsync(settings, Settings(folder, cluster, monitor, port), cancellationToken);
        string Log(string name) => Path.Combine(folder, $"{name}.out");
        Task RunAsync(string program, params string[] arguments) => ServerProcess.RunAsync(Log(program), program, arguments, cancellationToken);

        // 2. The monitor, which begins with a map that has the storage daemon on it. Nobody asks for that later, neither `ceph osd create` nor the daemon itself: who sends the monitor a command
        // names the cluster in it, and on a busy machine does so now and then before it has been told which one that is, and is refused (EPERM, "wrong fsid").
        var (map, storage) = (Path.Combine(folder, "monmap"), Path.Combine(folder, "osdmap"));
        await RunAsync("monmaptool", "--create", "--fsid", cluster, "--addv", "a", $"[{monitor}]", map);
        await RunAsync("osdmaptool", "-c", settings, "--createsimple", "1", storage);
        await RunAsync("ceph-mon", "-c", settings, "--mkfs", "-i", "a", "--monmap", map, "--osdmap", storage);
        processes.Add(ServerProcess.Start(Log("mon"), "ceph-mon", "-c", settings, "-i", "a", "-f"));

        // 3. The storage daemon.
        await RunAsync("ceph-osd", "-c", settings, "-i", "0", "--mkfs", "--osd-uuid", Guid.CreateVersion7().ToString());
        processes.Add(ServerProcess.Start(Log("osd"), "ceph-osd", "-c", settings, "-i", "0", "-f"));

        // 4. A user, and the gateway.
        await RunAsync(
            "radosgw-admin", "-c", settings, "user", "create", "--uid=test", "--display-name=test", $"--access-key={S3Server.AccessKey}", $"--secret={S3Server.SecretKey}");
        var gateway = ServerProcess.Start(Log("rgw"), "radosgw", "-c", settings, "-n", "client.rgw", "-f");
        processes.Add(gateway);
        var endpoint = new Uri($"http://127.0.0.1:{port}");
        await gateway.WaitForHttpAsync(endpoint, cancellationToken);
        return endpoint;
    }

    private static string Settings(string folder, string cluster, string monitor, int port) =>
        $"""
        [global]
        fsid = {cluster}
        mon host = {monitor}
        public addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        ms mon client mode = crc
        ms cluster mode = crc
        ms service mode = crc
        ms client mode = crc
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd crush chooseleaf type = 0
        osd class update on start = false
        osd crush update on start = false
        osd objectstore = memstore
        memstore device bytes = 8589934592
        mon allow pool size one = true
        paxos propose interval = 0.01
        paxos min wait = 0.01
        mon data = {folder}/mon
        osd data = {folder}/osd
        rgw data = {folder}/rgw
        run dir = {folder}
        admin socket = {folder}/$name.asok
        log file = {folder}/$name.log
        keyring = {folder}/keyring
        rgw frontends = beast endpoint=127.0.0.1:{port}
        rgw gc obj min wait = 1
        rgw gc processor period = 1

        """;
}
