using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Limits;

namespace AiFactory.Gateway.SubRequests;

/// <summary>The request whose part a question is.</summary>
/// <param name="Caller">Whose both are.</param>
/// <param name="Reserved">What the request has reserved of limits: there its parts are let in, for they would wait for what it holds. Null where it holds none.</param>
/// <param name="Left">Ends when nobody waits for the request any more.</param>
internal sealed record PartOf(HttpContext Outer, Caller Caller, Reservation? Reserved, CancellationToken Left);
