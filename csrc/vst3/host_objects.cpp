#include "vst3/host_objects.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <utility>

namespace smartmix::vst3 {
namespace {

Result answer(bool known, Unknown* self, void** object) {
    *object = known ? self : nullptr;
    return known ? ok : no_interface;
}

// Counted objects: plugins keep messages as long as they like.
template <class Base>
class Counted : public Base {
public:
    std::uint32_t addRef() override { return ++references_; }
    std::uint32_t release() override {
        const std::uint32_t left = --references_;
        if (left == 0) delete this;
        return left;
    }
    virtual ~Counted() = default;

private:
    std::atomic<std::uint32_t> references_{1};
};

class AttributeList final : public Counted<Attributes> {
public:
    Result queryInterface(const void* wanted, void** object) override {
        const bool known = attributes_iid.is(wanted) || unknown_iid.is(wanted);
        if (known) addRef();
        return answer(known, this, object);
    }
    Result setInt(const char* name, std::int64_t value) override { return put(integers_, name, value); }
    Result getInt(const char* name, std::int64_t* value) override { return get(integers_, name, value); }
    Result setFloat(const char* name, double value) override { return put(numbers_, name, value); }
    Result getFloat(const char* name, double* value) override { return get(numbers_, name, value); }
    Result setString(const char* name, const char16_t* text) override {
        if (name == nullptr || text == nullptr) return bad_argument;
        return put(texts_, name, std::u16string(text));
    }
    Result getString(const char* name, char16_t* text, std::uint32_t bytes) override {
        std::u16string found;
        const std::uint32_t room = bytes / sizeof(char16_t);
        if (get(texts_, name, &found) != ok || room == 0) return not_true;
        const std::size_t count = std::min<std::size_t>(found.size(), room - 1);
        std::copy_n(found.data(), count, text);
        text[count] = 0;
        return ok;
    }
    Result setBinary(const char* name, const void* data, std::uint32_t bytes) override {
        if (name == nullptr || (data == nullptr && bytes > 0)) return bad_argument;
        return put(blobs_, name, std::string(static_cast<const char*>(data), bytes));
    }
    Result getBinary(const char* name, const void** data, std::uint32_t* bytes) override {
        const auto found = name == nullptr ? blobs_.end() : blobs_.find(name);
        if (found == blobs_.end()) return not_true;
        *data = found->second.data();
        *bytes = static_cast<std::uint32_t>(found->second.size());
        return ok;
    }

private:
    template <class T>
    static Result put(std::map<std::string, T>& in, const char* name, T value) {
        if (name == nullptr) return bad_argument;
        in[name] = std::move(value);
        return ok;
    }
    template <class T>
    static Result get(const std::map<std::string, T>& in, const char* name, T* value) {
        const auto found = name == nullptr ? in.end() : in.find(name);
        if (found == in.end()) return not_true;
        *value = found->second;
        return ok;
    }

    std::map<std::string, std::int64_t> integers_;
    std::map<std::string, double> numbers_;
    std::map<std::string, std::u16string> texts_;
    std::map<std::string, std::string> blobs_;
};

class PlainMessage final : public Counted<Message> {
public:
    ~PlainMessage() override { attributes_->release(); }
    Result queryInterface(const void* wanted, void** object) override {
        const bool known = message_iid.is(wanted) || unknown_iid.is(wanted);
        if (known) addRef();
        return answer(known, this, object);
    }
    const char* getMessageID() override { return id_.c_str(); }
    void setMessageID(const char* id) override { id_ = id == nullptr ? "" : id; }
    Attributes* getAttributes() override { return attributes_; }

private:
    std::string id_;
    AttributeList* attributes_ = new AttributeList();
};

class Application final : public HostApplication {
public:
    Result queryInterface(const void* wanted, void** object) override {
        return answer(host_iid.is(wanted) || unknown_iid.is(wanted), this, object);
    }
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result getName(char16_t* name) override {
        static constexpr char16_t text[] = u"smartmix";
        std::copy(std::begin(text), std::end(text), name);
        return ok;
    }
    Result createInstance(void* cid, void*, void** object) override {
        *object = nullptr;
        if (message_iid.is(cid)) *object = static_cast<Message*>(new PlainMessage());
        if (attributes_iid.is(cid)) *object = static_cast<Attributes*>(new AttributeList());
        return *object != nullptr ? ok : no_interface;
    }
};

}  // namespace

HostApplication& host_application() {
    static Application application;
    return application;
}

Result Handler::queryInterface(const void* wanted, void** object) {
    return answer(handler_iid.is(wanted) || unknown_iid.is(wanted), this, object);
}

Result MemoryStream::queryInterface(const void* wanted, void** object) {
    return answer(stream_iid.is(wanted) || unknown_iid.is(wanted), this, object);
}

Result MemoryStream::read(void* data, std::int32_t bytes, std::int32_t* done) {
    const std::size_t left = bytes_.size() - std::min(at_, bytes_.size());
    const std::size_t count = std::min(left, static_cast<std::size_t>(std::max(bytes, 0)));
    if (count > 0) std::memcpy(data, bytes_.data() + at_, count);
    at_ += count;
    if (done != nullptr) *done = static_cast<std::int32_t>(count);
    return ok;
}

Result MemoryStream::write(void* data, std::int32_t bytes, std::int32_t* done) {
    const std::size_t count = static_cast<std::size_t>(std::max(bytes, 0));
    if (done != nullptr) *done = 0;
    if (at_ + count > most_bytes) return bad_argument;
    if (bytes_.size() < at_ + count) bytes_.resize(at_ + count);
    if (count > 0) std::memcpy(bytes_.data() + at_, data, count);
    at_ += count;
    if (done != nullptr) *done = static_cast<std::int32_t>(count);
    return ok;
}

Result MemoryStream::seek(std::int64_t place, std::int32_t from, std::int64_t* reached) {
    const std::int64_t base[3] = {0, static_cast<std::int64_t>(at_), static_cast<std::int64_t>(bytes_.size())};
    if (from < 0 || from > 2) return bad_argument;
    const std::int64_t wanted = base[from] + place;
    if (wanted < 0 || wanted > static_cast<std::int64_t>(most_bytes)) return bad_argument;
    at_ = static_cast<std::size_t>(wanted);
    if (reached != nullptr) *reached = wanted;
    return ok;
}

Result MemoryStream::tell(std::int64_t* place) {
    if (place == nullptr) return bad_argument;
    *place = static_cast<std::int64_t>(at_);
    return ok;
}

Result Queue::queryInterface(const void* wanted, void** object) {
    return answer(queue_iid.is(wanted) || unknown_iid.is(wanted), this, object);
}

Result Queue::getPoint(std::int32_t index, std::int32_t* frame, double* normalised) {
    if (index < 0 || index >= count_) return bad_argument;
    *frame = points_[index].frame;
    *normalised = points_[index].normalised;
    return ok;
}

Result Queue::addPoint(std::int32_t frame, double normalised, std::int32_t* index) {
    const std::int32_t at = std::min(count_, most_points - 1);  // full: the last point is the newest
    points_[at] = {id_, frame, normalised};
    count_ = at + 1;
    if (index != nullptr) *index = at;
    return ok;
}

void Queue::begin(std::uint32_t id) noexcept {
    id_ = id;
    count_ = 0;
}

Result ParameterChanges::queryInterface(const void* wanted, void** object) {
    return answer(changes_iid.is(wanted) || unknown_iid.is(wanted), this, object);
}

ValueQueue* ParameterChanges::getParameterData(std::int32_t index) {
    const bool there = index >= 0 && static_cast<std::size_t>(index) < count_;
    return there ? &queues_[static_cast<std::size_t>(index)] : nullptr;
}

ValueQueue* ParameterChanges::addParameterData(const std::uint32_t* id, std::int32_t* index) {
    if (id == nullptr) return nullptr;
    std::size_t at = 0;
    while (at < count_ && queues_[at].getParameterId() != *id) ++at;
    if (at == queues_.size()) return nullptr;
    if (at == count_) {
        queues_[at].begin(*id);
        ++count_;
    }
    if (index != nullptr) *index = static_cast<std::int32_t>(at);
    return &queues_[at];
}

bool ParameterChanges::add(const Point& point) noexcept {
    ValueQueue* queue = addParameterData(&point.id, nullptr);
    return queue != nullptr && queue->addPoint(point.frame, point.normalised, nullptr) == ok;
}

Result NoEvents::queryInterface(const void* wanted, void** object) {
    return answer(events_iid.is(wanted) || unknown_iid.is(wanted), this, object);
}

}  // namespace smartmix::vst3
