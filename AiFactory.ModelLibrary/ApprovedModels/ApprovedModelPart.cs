namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>One file of a model that comes in several; their order is the model's.</summary>
internal sealed record ApprovedModelPart(string Digest, long SizeBytes);
