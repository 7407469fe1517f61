namespace AiFactory.Inference.Grammars;

/// <summary>A grammar reads an answer in more ways at once than are followed.</summary>
internal sealed class GrammarOverloadException() : Exception("The grammar is too ambiguous: what was generated can be read in too many ways at once.");
