using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace AiFactory.Hosting.Orchestration.Endpoints;

/// <summary>
/// The stable port before an endpoint's replicas. New connections are spread over the replicas that are ready; while there is none they are
/// held, so that a caller sees a restart as a pause.
/// </summary>
internal sealed class EndpointProxy : IDisposable
{
    /// <summary>How long a connection is held while no replica takes it.</summary>
    internal static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly IReadOnlyList<Socket> _listeners;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _stopped = new();
    private ImmutableArray<ProxyTarget> _targets = [];
    private uint _turn;

    public EndpointProxy(IReadOnlyList<Socket> listeners, TimeProvider timeProvider)
    {
        _listeners = listeners;
        _timeProvider = timeProvider;
        Port = ((IPEndPoint?)listeners[0].LocalEndPoint)?.Port ?? 0;
        foreach (var listener in listeners)
        {
            _ = AcceptAsync(listener);
        }
    }

    public int Port { get; }

    public void Add(ProxyTarget target) => ImmutableInterlocked.Update(ref _targets, targets => targets.Add(target));

    public void Remove(ProxyTarget target) => ImmutableInterlocked.Update(ref _targets, targets => targets.Remove(target));

    /// <summary>Takes no new connections. Those that are established go on until one side ends them.</summary>
    public void Dispose()
    {
        _stopped.Cancel();
        LoopbackListener.Close(_listeners);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stopped.Token);
                _ = ServeAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client left before it was accepted, or the process is out of descriptors for a moment.
                await Task.Delay(RetryDelay, _timeProvider, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            try
            {
                using var server = await ConnectAsync();
                if (server is not null)
                {
                    client.NoDelay = true;
                    await SocketRelay.RunAsync(client, server);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Either side broke the connection; both are closed now.
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var start = _timeProvider.GetTimestamp();
        while (_timeProvider.GetElapsedTime(start) < HoldTime)
        {
            foreach (var target in InTurn())
            {
                if (await TryConnectAsync(target, target.Address) is { } first)
                {
                    return first;
                }

                var other = target.OtherAddress;
                if (Socket.OSSupportsIPv6 && await TryConnectAsync(target, other) is { } second)
                {
                    target.Address = other;
                    return second;
                }
            }

            await Task.Delay(RetryDelay, _timeProvider, _stopped.Token);
        }

        return null;
    }

    // Ready replicas first, each connection beginning with another one.
    private IEnumerable<ProxyTarget> InTurn()
    {
        var targets = _targets;
        var turn = (int)(Interlocked.Increment(ref _turn) % (uint)Math.Max(1, targets.Length));
        return targets.Skip(turn).Concat(targets.Take(turn)).OrderBy(t => t.IsReady ? 0 : 1);
    }

    private async Task<Socket?> TryConnectAsync(ProxyTarget target, IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, target.Port), _stopped.Token);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
