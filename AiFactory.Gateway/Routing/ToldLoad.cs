namespace AiFactory.Gateway.Routing;

/// <param name="Others">Requests at the replica that are none of this gateway's, when it told: at least so many. A server that tells only how many wait may compute any number for others.</param>
/// <param name="At">In the clock's ticks.</param>
internal sealed record ToldLoad(LoadReport Report, double Others, long At);
