namespace AiFactory.ModelLibrary.Sync;

/// <summary>The artifact was written while it was read.</summary>
internal sealed class ContentChangedException() : IOException("The file changed while it was copied.");
