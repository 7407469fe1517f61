using AiFactory.Testing.Edges;

namespace AiFactory.Benchmarks.GatewayLoad.Doors;

/// <summary>nginx (Debian's package) as a bare proxy: a worker for each core, kept-alive connections both ways, no log.</summary>
internal static class NginxDoor
{
    public static async Task<Door> StartAsync(string folder, Door upstream, CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            worker_processes auto;
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/nginx-error.log;
            events { worker_connections 19900; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/nginx-body;
              proxy_temp_path {{folder}}/nginx-proxy;
              fastcgi_temp_path {{folder}}/nginx-fastcgi;
              uwsgi_temp_path {{folder}}/nginx-uwsgi;
              scgi_temp_path {{folder}}/nginx-scgi;
              keepalive_requests 100000000;
              upstream instant {
                server 127.0.0.1:{{upstream.Target.Port}};
                keepalive 256;
                keepalive_requests 100000000;
              }
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location / {
                  proxy_pass http://instant;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                }
              }
            }

            """,
            cancellationToken);
        var process = await DoorProcess.StartAsync(
            Path.Combine(folder, "nginx.log"), ["nginx", "-p", folder, "-c", configuration], new Dictionary<string, string>(), new Uri($"http://127.0.0.1:{port}/ready"), cancellationToken);
        return new Door(new LoadTarget("nginx", port, GatewayDoor.Model, []), process);
    }
}
