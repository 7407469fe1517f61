using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The upstreams of one soak: some are well, one goes and comes back, the others each go wrong in their way.</summary>
internal sealed class SoakReplicas : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte> _asked = new();
    private readonly SoakUpstream _returning;
    private readonly SoakUpstream[] _all;
    private readonly GarbageServer _garbage = new();

    private SoakReplicas()
    {
        _returning = new SoakUpstream(_asked);
        _all =
        [
            new SoakUpstream(_asked),
            new SoakUpstream(_asked),
            new SoakUpstream(_asked, SoakFaults.AtRandomAsync),
            new SoakUpstream(_asked, SoakFaults.AlwaysAsync),
            new SoakUpstream(_asked, SoakFaults.HangAsync),
            new SoakUpstream(_asked, SoakFaults.SlowAsync),
            _returning,
        ];
    }

    public Uri First => _all[0].Address;

    public Uri Second => _all[1].Address;

    public Uri Faulty => _all[2].Address;

    public Uri Dead => _all[3].Address;

    public Uri Hung => _all[4].Address;

    public Uri Slow => _all[5].Address;

    public Uri Returning => _returning.Address;

    public Uri Garbage => _garbage.Address;

    /// <summary>Ids of all requests that came.</summary>
    public IReadOnlyCollection<string> Asked => [.. _asked.Keys];

    public static async Task<SoakReplicas> StartAsync()
    {
        var replicas = new SoakReplicas();
        foreach (var one in replicas._all)
        {
            await one.StartAsync();
        }

        return replicas;
    }

    /// <summary>One is killed every other turn, and comes back in the next. While it is away nobody else on this machine gets its port: another's server would answer for it.</summary>
    public async Task ComeAndGoAsync(TimeSpan turn, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(turn, stop);
            await _returning.KillAsync();
            using (var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            {
                held.Bind(new IPEndPoint(IPAddress.Loopback, Returning.Port)); // and does not listen
                await Task.Delay(turn, stop);
            }

            await _returning.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _garbage.Dispose();
        foreach (var one in _all)
        {
            await one.DisposeAsync();
        }
    }
}
