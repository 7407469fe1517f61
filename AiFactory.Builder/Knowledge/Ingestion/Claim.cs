using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Builder.Knowledge.Documents;

namespace AiFactory.Builder.Knowledge.Ingestion;

/// <summary>A document that is ours to work on while the lease holds.</summary>
internal sealed record Claim(Guid Id, DocumentRow Document, KnowledgeBaseRow Base);
