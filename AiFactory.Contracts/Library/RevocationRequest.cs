namespace AiFactory.Contracts.Library;

/// <summary>Withdraws the approval of a version.</summary>
/// <param name="Reason">A sentence for everybody whose calls it ends.</param>
public sealed record RevocationRequest(string Reason);
