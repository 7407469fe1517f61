namespace AiFactory.Inference.Engine.Admission;

/// <summary>A place in an <see cref="AdmissionQueue{T}"/>.</summary>
/// <param name="Tokens">What it is likely to cost.</param>
/// <param name="Number">Grows with each that comes.</param>
/// <param name="Deadline">The time stamp from which on it waits in vain.</param>
internal sealed record Waiting<T>(T Item, RequestTerms Terms, int Tokens, long Number, long Deadline);
