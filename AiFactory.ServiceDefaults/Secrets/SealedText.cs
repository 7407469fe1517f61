namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>A sealed credential where it lies.</summary>
/// <param name="Owner">Whose it is: an id of the store's.</param>
/// <param name="Purpose">What it opens for.</param>
public sealed record SealedText(string Owner, string Purpose, string Text);
