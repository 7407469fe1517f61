namespace AiFactory.Testing.S3;

/// <summary>The smallest Ceph that serves S3: one monitor, one storage daemon that keeps everything in memory, one gateway. It starts in about 15 s and runs as root.</summary>
internal static class Radosgw
{
    public static async Task<Uri> StartAsync(string folder, List<ServerProcess> processes, CancellationToken cancellationToken)
    {
        // 1. The settings: no authentication inside (and so no encryption of it), one copy of everything.
        var cluster = Guid.CreateVersion7().ToString();
        var monitor = $"v1:127.0.0.1:{ServerProcess.FreePort()}";
        var port = ServerProcess.FreePort();
        var settings = Path.Combine(folder, "ceph.conf");
        foreach (var data in new[] { "mon", "osd", "rgw" })
        {
            Directory.CreateDirectory(Path.Combine(folder, data));
        }

        await File.WriteAllTextAsync(settings, Settings(folder, cluster, monitor, port), cancellationToken);
        string Log(string name) => Path.Combine(folder, $"{name}.out");
        Task RunAsync(string program, params string[] arguments) => ServerProcess.RunAsync(Log(program), program, arguments, cancellationToken);

        // 2. The monitor.
        var map = Path.Combine(folder, "monmap");
        await RunAsync("monmaptool", "--create", "--fsid", cluster, "--addv", "a", $"[{monitor}]", map);
        await RunAsync("ceph-mon", "-c", settings, "--mkfs", "-i", "a", "--monmap", map);
        processes.Add(ServerProcess.Start(Log("mon"), "ceph-mon", "-c", settings, "-i", "a", "-f"));

        // 3. The storage daemon, put on the map by us: when it does that itself, on a busy machine, it sometimes asks before it knows the cluster, and ends.
        await RunAsync("ceph", "-c", settings, "--connect-timeout", "30", "osd", "create");
        await RunAsync("ceph", "-c", settings, "--connect-timeout", "30", "osd", "crush", "add", "osd.0", "1", "root=default", "host=localhost");
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
