namespace AiFactory.ServiceDefaults.Discovery;

/// <summary>The addresses of one service, asked in turn.</summary>
internal sealed class ServiceEndpoints(ServiceEndpoint[] all)
{
    private uint _turn;

    /// <summary>The order in which one request asks: the next in turn first, those that lately refused a connection last.</summary>
    public ServiceEndpoint[] Order(long nowTicks)
    {
        if (all.Length == 1)
        {
            return all;
        }

        var start = Interlocked.Increment(ref _turn);
        var order = new ServiceEndpoint[all.Length];
        int first = 0, last = order.Length;
        for (uint i = 0; i < all.Length; i++)
        {
            var endpoint = all[(start + i) % (uint)all.Length];
            order[endpoint.IsAvoided(nowTicks) ? --last : first++] = endpoint;
        }

        return order;
    }
}
