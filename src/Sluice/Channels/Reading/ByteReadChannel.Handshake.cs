namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>What was read so far was ours: for whoever opens the channel, it begins here.</summary>
    internal void BeginHere() => TotalBytesRead = 0;
}
