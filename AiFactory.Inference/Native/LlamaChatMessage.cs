using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary><c>struct llama_chat_message</c>: two zero-terminated UTF-8 strings.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaChatMessage
{
    public nint Role;
    public nint Content;
}
