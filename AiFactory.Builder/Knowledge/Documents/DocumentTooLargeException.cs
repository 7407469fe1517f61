namespace AiFactory.Builder.Knowledge.Documents;

/// <summary>More bytes came than a document may have; it is only known while they come.</summary>
internal sealed class DocumentTooLargeException(long limit)
    : Exception($"A document may have at most {limit} bytes ({limit >> 20} MiB; setting Knowledge:MaximumDocumentBytes).");
