namespace Sluice.Channels.Reading.Operations;

/// <summary>Tells an <see cref="IReadOperation{T}"/> its position, and tells the channel what to do with the buffer.</summary>
internal struct ReadContext(long position, bool ended, ByteReadChannel? tee = null)
{
    /// <summary>Gets the number of bytes read before.</summary>
    public readonly long Position => position;

    /// <summary>Gets a value indicating whether the stream has ended.</summary>
    public readonly bool Ended => ended;

    /// <summary>Gets or sets the number of bytes that the operation consumes.</summary>
    public long Consumed { get; set; }

    /// <summary>Gets or sets a value indicating whether the result is a view of the buffer, which then stays until the next read begins.</summary>
    public bool Held { get; set; }

    /// <summary>Gets or sets the finder for an LF that belongs to the consumed bytes if it comes next; null if none does.</summary>
    public LineEndingFinder? SkipLineFeed { get; set; }

    /// <summary>
    /// Copies bytes that the operation is about to pass on, if it reads through a view that copies. Called before they go to a destination of the caller's: if
    /// the writer of the view throws, the destination does not have them either, and the next read passes them on once.
    /// </summary>
    public readonly void CopyAhead(long count) => tee?.CopyAhead(count);
}
