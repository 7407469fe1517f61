namespace AiFactory.Builder.Knowledge.Parsing;

/// <param name="Level">Of a heading, from 1; 0 for all else.</param>
/// <param name="Start">In UTF-16 code units, as <paramref name="End"/>, which is the first one behind it.</param>
internal readonly record struct TextBlock(TextBlockKind Kind, int Level, int Start, int End);
