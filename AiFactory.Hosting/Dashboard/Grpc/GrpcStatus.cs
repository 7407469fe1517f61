namespace AiFactory.Hosting.Dashboard.Grpc;

/// <summary>The status codes used here, https://grpc.github.io/grpc/core/md_doc_statuscodes.html.</summary>
internal enum GrpcStatus
{
    Ok = 0,
    InvalidArgument = 3,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}
