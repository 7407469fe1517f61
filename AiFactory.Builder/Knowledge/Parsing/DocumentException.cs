namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>The document itself is at fault: trying again does not help. The message is a sentence for the person who uploaded it.</summary>
internal sealed class DocumentException(string message) : Exception(message);
