using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace AiFactory.Inference.Native;

/// <summary>The part of <c>llama.h</c> and <c>ggml-backend.h</c> of release v0.5.0 that the worker uses. C's <c>bool</c> is a <c>byte</c>.</summary>
internal static unsafe partial class LlamaNative
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlBase = "ggml-base";

    [LibraryImport(Llama)] public static partial nint llama_version();
    [LibraryImport(Llama)] public static partial void llama_backend_init();
    [LibraryImport(Llama)] public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* data);
    [LibraryImport(Llama)] public static partial nuint llama_max_parallel_sequences();

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)] public static partial void ggml_backend_load_all_from_path(string directory);
    [LibraryImport(Ggml)] public static partial nuint ggml_backend_dev_count();
    [LibraryImport(Ggml)] public static partial nint ggml_backend_dev_get(nuint index);
    [LibraryImport(Ggml)] public static partial nint ggml_backend_dev_by_type(int type);
    [LibraryImport(GgmlBase)] public static partial nint ggml_backend_dev_backend_reg(nint device);
    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)] public static partial nint ggml_backend_reg_get_proc_address(nint backend, string name);
    [LibraryImport(GgmlBase)] public static partial void ggml_threadpool_params_init(GgmlThreadpoolParams* parameters, int threads);
    [LibraryImport(GgmlBase)] public static partial nint ggml_backend_dev_name(nint device);
    [LibraryImport(GgmlBase)] public static partial nint ggml_backend_dev_description(nint device);

    [LibraryImport(Llama)] public static partial LlamaModelParams llama_model_default_params();
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial nint llama_model_load_from_file(string path, LlamaModelParams parameters);
    [LibraryImport(Llama)] public static partial void llama_model_free(nint model);
    [LibraryImport(Llama)] public static partial nint llama_model_get_vocab(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_ctx_train(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_embd(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_embd_out(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_layer(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_head(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_head_kv(nint model);
    [LibraryImport(Llama)] public static partial ulong llama_model_size(nint model);
    [LibraryImport(Llama)] public static partial ulong llama_model_n_params(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_desc(nint model, byte* buffer, nuint size);
    [LibraryImport(Llama)] public static partial byte llama_model_has_encoder(nint model);
    [LibraryImport(Llama)] public static partial byte llama_model_has_decoder(nint model);
    [LibraryImport(Llama)] public static partial int llama_model_n_swa(nint model);
    [LibraryImport(Llama)] public static partial byte llama_model_is_recurrent(nint model);
    [LibraryImport(Llama)] public static partial byte llama_model_is_hybrid(nint model);
    [LibraryImport(Llama)] public static partial nint llama_model_chat_template(nint model, nint name);
    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)] public static partial int llama_model_meta_val_str(nint model, string key, byte* buffer, nuint size);

    [LibraryImport(Llama)] public static partial int llama_vocab_n_tokens(nint vocabulary);
    [LibraryImport(Llama)] public static partial nint llama_vocab_get_text(nint vocabulary, int token);
    [LibraryImport(Llama)] public static partial int llama_vocab_get_attr(nint vocabulary, int token);
    [LibraryImport(Llama)] public static partial int llama_vocab_bos(nint vocabulary);
    [LibraryImport(Llama)] public static partial int llama_vocab_eos(nint vocabulary);
    [LibraryImport(Llama)] public static partial byte llama_vocab_is_eog(nint vocabulary, int token);
    [LibraryImport(Llama)] public static partial int llama_tokenize(nint vocabulary, byte* text, int length, int* tokens, int capacity, byte addSpecial, byte parseSpecial);
    [LibraryImport(Llama)] public static partial int llama_token_to_piece(nint vocabulary, int token, byte* buffer, int length, int leadingStrip, byte special);

    [LibraryImport(Llama)] public static partial LlamaContextParams llama_context_default_params();
    [LibraryImport(Llama)] public static partial nint llama_init_from_model(nint model, LlamaContextParams parameters);
    [LibraryImport(Llama)] public static partial void llama_free(nint context);
    [LibraryImport(Llama)] public static partial void llama_attach_threadpool(nint context, nint threads, nint batchThreads);
    [LibraryImport(Llama)] public static partial void llama_detach_threadpool(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_ctx(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_ctx_seq(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_batch(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_ubatch(nint context);
    [LibraryImport(Llama)] public static partial uint llama_n_seq_max(nint context);
    [LibraryImport(Llama)] public static partial int llama_pooling_type(nint context);
    [LibraryImport(Llama)] public static partial int llama_decode(nint context, LlamaBatch batch);
    [LibraryImport(Llama)] public static partial int llama_encode(nint context, LlamaBatch batch);
    [LibraryImport(Llama)] public static partial float* llama_get_logits_ith(nint context, int index);
    [LibraryImport(Llama)] public static partial float* llama_get_embeddings_seq(nint context, int sequence);
    [LibraryImport(Llama)] public static partial nint llama_get_memory(nint context);
    [LibraryImport(Llama)] public static partial byte llama_memory_seq_rm(nint memory, int sequence, int from, int to);
    [LibraryImport(Llama)] public static partial void llama_memory_clear(nint memory, byte data);
}
