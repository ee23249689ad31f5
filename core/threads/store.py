"""Threads and posts in MongoDB."""

from pymongo.errors import DuplicateKeyError

from core.connections import Collection, Database, Index
from core.ids import ChatKey, CustomerId
from core.threads.models import Post, Thread, ThreadId, ThreadState

_LIVE = [state.value for state in ThreadState if state.live]

INDEXES = (
    Index("threads", ("open_of",), unique=True, sparse=True),  # at most one live thread a chat
    Index("threads", ("chat", "state")),
    Index("threads", ("customer",)),
    Index("threads", ("ended_ms",)),
    Index("posts", ("chat", "message")),
    Index("posts", ("at_ms",)),
)


class ThreadStore:
    def __init__(self, db: Database) -> None:
        self._threads: Collection = db["threads"]
        self._posts: Collection = db["posts"]

    async def get(self, thread: ThreadId) -> Thread | None:
        document = await self._threads.find_one({"_id": thread})
        return Thread.from_document(document) if document else None

    async def live(self, chat: ChatKey) -> Thread | None:
        document = await self._threads.find_one({"chat": chat, "state": {"$in": _LIVE}})
        return Thread.from_document(document) if document else None

    async def insert(self, thread: Thread) -> bool:
        """False: the chat has a live thread already."""
        try:
            await self._threads.insert_one(thread.to_document())
        except DuplicateKeyError:
            return False
        return True

    async def replace(self, thread: Thread) -> Thread | None:
        """Store `thread` as the next version of itself. None: somebody else was quicker, read again."""
        changed = thread.model_copy(update={"v": thread.v + 1})
        done = await self._threads.replace_one({"_id": thread.id, "v": thread.v}, changed.to_document())
        return changed if done.modified_count else None

    async def erase(self, customer: CustomerId) -> int:
        done = await self._threads.delete_many({"customer": customer})
        return int(done.deleted_count)

    async def forget(self, before_ms: int) -> int:
        """Remove threads that ended and posts that were sent before a moment; how many went."""
        ended = {"state": ThreadState.DONE.value, "ended_ms": {"$lt": before_ms}}
        threads = await self._threads.delete_many(ended)
        posts = await self._posts.delete_many({"at_ms": {"$lt": before_ms}})
        return int(threads.deleted_count) + int(posts.deleted_count)

    async def put_post(self, post: Post) -> None:
        """Remember the channel's name for a post and what it says; the newest wins."""
        try:
            await self._posts.insert_one(post.to_document())
        except DuplicateKeyError:
            newest = {"message": post.message, "also": "", "reads": post.reads, "at_ms": post.at_ms}
            await self._posts.update_one({"_id": post.id}, {"$set": newest})

    async def redraw_post(self, post: Post, also: str, reads: str) -> None:
        """Remember that an answer redrew the post, unless it was sent anew since it was read."""
        same = {"_id": post.id, "message": post.message}
        await self._posts.update_one(same, {"$set": {"also": also, "reads": reads}})

    async def post(self, post_id: str) -> Post | None:
        document = await self._posts.find_one({"_id": post_id})
        return Post.from_document(document) if document else None

    async def post_named(self, chat: ChatKey, message: str) -> Post | None:
        document = await self._posts.find_one({"chat": chat, "message": message})
        return Post.from_document(document) if document else None
