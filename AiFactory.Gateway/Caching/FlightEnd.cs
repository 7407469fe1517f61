namespace AiFactory.Gateway.Caching;

/// <summary>How the request ended that equal ones waited for.</summary>
/// <param name="Kept">Its answer; null when there is none that could be kept.</param>
/// <param name="Left">Whether its client left, so that the next one asks in its place. After any other end each asks for itself: in turn they would wait for one another.</param>
internal readonly record struct FlightEnd(CacheEntry? Kept, bool Left);
