namespace AiFactory.Inference.Tests.Fuzz;

/// <summary>For each route that reads a body one that it takes, or some; answers are short.</summary>
internal static class ValidBodies
{
    public static IReadOnlyList<(string Route, string Body)> All { get; } =
    [
        ("/v1/chat/completions", """{"model":"endless","messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"x"}]}],"max_tokens":2,"temperature":0.5,"top_p":0.9,"seed":7,"stop":["q"],"user":"u"}"""),
        ("/v1/chat/completions", """{"model":"tools","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}],"max_tokens":2,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}],"tool_choice":"auto","parallel_tool_calls":true}"""),
        ("/v1/chat/completions", """{"model":"endless","messages":[{"role":"user","content":"x"}],"max_completion_tokens":2,"stream":true,"stream_options":{"include_usage":true},"n":2,"logprobs":true,"top_logprobs":2,"logit_bias":{"5":-100},"presence_penalty":0.1,"frequency_penalty":0.1,"repetition_penalty":1.1,"min_p":0.1,"top_k":5,"typical_p":0.9,"priority":1,"chat_template_kwargs":{"a":1},"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","properties":{"a":{"type":"integer","maximum":9},"b":{"enum":["x",1]}},"required":["a"]}}}}"""),
        ("/v1/completions", """{"model":"endless","prompt":"x","max_tokens":2,"temperature":0,"stop":"q","logprobs":1,"n":1,"stream":false,"ignore_eos":true,"min_tokens":1,"stop_token_ids":[7],"guided_choice":["a","b"]}"""),
        ("/v1/completions", """{"model":"endless","prompt":[300,301],"max_tokens":2,"grammar":"root ::= [a-z]+","stream":true}"""),
        ("/v1/responses", """{"model":"endless","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"y"}]}],"instructions":"be brief","max_output_tokens":16,"temperature":1,"metadata":{"k":"v"},"store":false,"text":{"format":{"type":"text"}}}"""),
        ("/v1/responses", """{"model":"tools","input":"x","max_output_tokens":16,"stream":true,"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}],"tool_choice":"auto","parallel_tool_calls":false}"""),
        ("/v1/embeddings", """{"model":"embed","input":["a","b"],"encoding_format":"base64","dimensions":8,"user":"u","priority":1}"""),
        ("/v1/embeddings", """{"model":"embed","input":[[10,11],[12]],"encoding_format":"float"}"""),
        ("/v1/rerank", """{"model":"rank","query":"q","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true,"priority":1}"""),
        ("/v1/score", """{"model":"embed","text_1":["a"],"text_2":["b","c"],"priority":1}"""),
        ("/infer", """{"model":"endless","payload":{"messages":[{"role":"user","content":"x"}],"max_tokens":2}}"""),
        ("/infer", """{"model":"embed","payload":{"input":"x"}}"""),
        ("/v2/models/endless/infer", """{"id":"1","inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["x"]},{"name":"max_tokens","shape":[1],"datatype":"INT32","data":[2]}],"outputs":[{"name":"text_output"}],"parameters":{"max_tokens":2,"temperature":0.5}}"""),
        ("/v2/models/embed/infer", """{"inputs":[{"name":"text_input","shape":[2],"datatype":"BYTES","data":["x","y"]}],"parameters":{"dimensions":8}}"""),
        ("/v2/models/rank/infer", """{"inputs":[{"name":"query","shape":[1],"datatype":"BYTES","data":["x"]},{"name":"text_input","shape":[2],"datatype":"BYTES","data":["y","z"]}]}"""),
        ("/tokenize", """{"model":"endless","prompt":"x","add_special_tokens":true,"return_token_strs":true}"""),
        ("/tokenize", """{"model":"endless","content":"x","add_special":true,"parse_special":true,"with_pieces":true}"""),
        ("/detokenize", """{"model":"endless","tokens":[300,301,302]}"""),
        ("/apply-template", """{"model":"tools","messages":[{"role":"user","content":"x"}],"add_generation_prompt":true}"""),
    ];
}
