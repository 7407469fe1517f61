namespace AiFactory.Gateway.Batches.Running;

/// <summary>A request as a file has it.</summary>
/// <param name="Offset">Of its body in the file.</param>
internal readonly record struct InputRequest(int Line, string CustomId, long Offset, int Length);
