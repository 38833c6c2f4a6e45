namespace Sluice.Channels.Framing;

/// <summary>Judges the length of a frame, which stands before it.</summary>
internal static class FrameLength
{
    /// <summary>Returns whether all of a frame has come.</summary>
    /// <param name="input">The bytes received so far.</param>
    /// <param name="length">The length of the frame.</param>
    /// <param name="size">The number of bytes before the frame.</param>
    /// <param name="maxLength">The largest length.</param>
    /// <param name="consumed">The number of bytes of both.</param>
    /// <exception cref="LimitExceededException">The frame is too long.</exception>
    public static bool IsComplete(in FrameInput input, ulong length, int size, int maxLength, out long consumed)
    {
        if (length > (ulong)maxLength)
        {
            throw new LimitExceededException("frame", maxLength, input.Position);
        }

        consumed = size + (long)length;
        return input.Buffered.Length >= consumed;
    }
}
