namespace AiFactory.Gateway.Metering;

/// <summary>What a request's record has from its beginning on.</summary>
/// <param name="Project">The one that it is charged to.</param>
/// <param name="Model">As the client named it.</param>
internal sealed record MeteredRequest(Guid Id, DateTimeOffset At, string Project, string Model);
