namespace AiFactory.ModelLibrary.Sources;

/// <summary>A source cannot be read as it is configured; the message is for the people who did.</summary>
internal sealed class SourceException(string message) : Exception(message);
