using Sluice.Channels.Reading;

namespace Sluice.Channels.Buffers;

/// <summary>A source that can hand over whole segments instead of copies.</summary>
internal interface ISegmentSource : IByteSource
{
    /// <summary>As <see cref="IByteSource.TryReceive"/>, at most <see cref="SegmentQueue.LargestSegment"/> bytes.</summary>
    int TryReceive(SegmentQueue into);
}
