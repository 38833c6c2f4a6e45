using System.Buffers;

namespace Sluice.Client.Requests;

/// <summary>A pipelined protocol of an encoder and a decoder.</summary>
internal sealed class FrameProtocol<TRequest, TReply>(IFrameEncoder<TRequest> encoder, IFrameDecoder<TReply> decoder) : IPipelinedProtocol<TRequest, TReply>
{
    public long MaxBuffered => decoder.MaxBuffered;

    public void Encode(TRequest frame, IBufferWriter<byte> output) => encoder.Encode(frame, output);

    public bool TryDecode(in FrameInput input, out TReply frame, out long consumed) => decoder.TryDecode(input, out frame, out consumed);
}
